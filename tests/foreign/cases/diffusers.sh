export MODEL_NAME="stabilityai/base"
accelerate launch --mixed_precision=fp16 train_text_to_image_lora.py \
  --pretrained_model_name_or_path=$MODEL_NAME \
  --dataset_name=pictures --train_batch_size=1 \
  --gradient_accumulation_steps=4 \
  --max_train_steps=1500 \
  --learning_rate=1e-04 \
  --lr_scheduler="cosine" --lr_warmup_steps=50
